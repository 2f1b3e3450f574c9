// gperftools' sampled heap and its growth, which only C++ can ask for.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

static void write(const char *symbol, const std::string &path) {
    // On x86-64 Linux a method without a virtual table is a function whose first argument is `this`.
    auto instance = reinterpret_cast<void *(*)()>(dlsym(RTLD_DEFAULT, "_ZN15MallocExtension8instanceEv"));
    auto get = reinterpret_cast<void (*)(void *, std::string *)>(dlsym(RTLD_DEFAULT, symbol));
    if (!instance || !get) {
        std::abort();
    }
    std::string text;
    get(instance(), &text);
    FILE *file = std::fopen(path.c_str(), "w");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
}

extern "C" void write_heap_sample(const char *path) {
    const std::string to = path;
    const std::string argument = "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
    write(("_ZN15MallocExtension13GetHeapSampleEP" + argument).c_str(), to);
    write(("_ZN15MallocExtension19GetHeapGrowthStacksEP" + argument).c_str(), to + ".growth");
}
