// Writes what a program shows of itself in a situation that people ask about: main KIND FOLDER.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"
)

const snapshots = 8

var (
	folder string
	kept   [][]byte
	sink   []byte
)

// touch maps memory that Go does not know of, and makes it resident.
func touch(bytes int) {
	memory, err := syscall.Mmap(-1, 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	for i := 0; i < bytes; i += 4096 {
		memory[i] = 1
	}
}

// churn makes garbage, slowly enough for the collector to keep up.
func churn(bytes int) {
	for i := 0; i < bytes; i += 1024 {
		sink = make([]byte, 1024)
		if i%(256<<10) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

func keep(bytes, size int) {
	for i := 0; i < bytes; i += size {
		kept = append(kept, make([]byte, size))
	}
}

func write(name string, text string) {
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
		panic(err)
	}
}

func status() string {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "VmHWM") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func rss() int {
	var pages, resident int
	text, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscan(string(text), &pages, &resident)
	return resident * os.Getpagesize()
}

// page writes a page as a client library of Prometheus before 1.20 does, without what is not about memory.
func page(number int) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var text strings.Builder
	for _, metric := range []struct {
		name  string
		value any
	}{
		{"go_goroutines", runtime.NumGoroutine()},
		{"go_memstats_heap_alloc_bytes", m.HeapAlloc},
		{"go_memstats_heap_objects", m.HeapObjects},
		{"go_memstats_heap_sys_bytes", m.HeapSys},
		{"go_memstats_heap_inuse_bytes", m.HeapInuse},
		{"go_memstats_heap_idle_bytes", m.HeapIdle},
		{"go_memstats_heap_released_bytes", m.HeapReleased},
		{"go_memstats_stack_inuse_bytes", m.StackInuse},
		{"go_memstats_sys_bytes", m.Sys},
		{"go_memstats_next_gc_bytes", m.NextGC},
		{"go_gc_duration_seconds_count", m.NumGC},
		{"process_resident_memory_bytes", rss()},
	} {
		fmt.Fprintf(&text, "%s %v\n", metric.name, metric.value)
	}
	write(fmt.Sprintf("m%d.prom", number), text.String())
}

// profile writes the heap, and as text without the times of pauses.
func profile(number int, name string, debugs ...int) {
	for _, form := range debugs {
		var text strings.Builder
		if err := pprof.Lookup(name).WriteTo(&text, form); err != nil {
			panic(err)
		}
		if form == 0 {
			write(fmt.Sprintf("%s_%02d.pb.gz", name, number), text.String())
			continue
		}
		var lines []string
		for _, line := range strings.Split(text.String(), "\n") {
			if !strings.HasPrefix(line, "# Pause") {
				lines = append(lines, line)
			}
		}
		write(fmt.Sprintf("%s_%02d.txt", name, number), strings.Join(lines, "\n"))
	}
}

func stats() string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	whole, _ := json.Marshal(m)
	fields := map[string]any{}
	_ = json.Unmarshal(whole, &fields)
	for _, name := range []string{"PauseNs", "PauseEnd", "BySize"} {
		delete(fields, name)
	}
	text, _ := json.Marshal(fields)
	return string(text) + "\n"
}

func collect() {
	runtime.GC()
	runtime.GC()
}

// deep grows the stack to about depth KiB and blocks.
func deep(depth int, done chan bool) byte {
	var frame [1024]byte
	if depth == 0 {
		done <- true
		select {}
	}
	return deep(depth-1, done) + frame[depth%1024]
}

// left and right make a call stack for each number.
//
//go:noinline
func left(path, depth int) { turn(path, depth) }

//go:noinline
func right(path, depth int) { turn(path, depth) }

func turn(path, depth int) {
	switch {
	case depth == 0:
		sink = make([]byte, 16)
	case path&1 == 0:
		left(path>>1, depth-1)
	default:
		right(path>>1, depth-1)
	}
}

func main() {
	kind := os.Args[1]
	folder = os.Args[2]
	switch kind {
	case "once", "idle":
	case "blank":
		runtime.MemProfileRate = 0
	case "buckets":
		runtime.MemProfileRate = 1
	case "limit":
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(64 << 20)
	}
	var lines strings.Builder
	for number := 0; number < snapshots; number++ {
		switch kind {
		case "native":
			if number == 0 {
				keep(8<<20, 4096)
				touch(32 << 20)
				collect()
			}
			churn(60 << 20)
			touch(4 << 20)
			page(number)
		case "mmap":
			touch(20 << 20)
			collect()
			profile(number, "heap", 1)
		case "stacks":
			done := make(chan bool)
			for i := 0; i < 40; i++ {
				go deep(400, done)
				<-done
			}
			collect()
			profile(number, "heap", 1)
			profile(number, "goroutine", 0)
		case "buckets":
			for path := 0; path < 8000; path++ {
				turn(number<<13|path, 16)
			}
			collect()
			lines.WriteString(stats())
		case "limit":
			for i := 0; i < 8; i++ {
				keep(512<<10, 4096)
				churn(16 << 20)
			}
			profile(number, "heap", 0, 1)
		case "blank":
			keep(2<<20, 4096)
			churn(30 << 20)
			profile(number, "heap", 1)
		case "coarse":
			keep(300<<10, 32)
			churn(60 << 20)
			profile(number, "heap", 1)
		}
	}
	switch kind {
	case "buckets":
		write("buckets.jsonl", lines.String())
	case "once":
		keep(40<<20, 4096)
		churn(20 << 20)
		touch(80 << 20)
		write("once.json", stats())
		write("status", status())
	case "idle":
		keep(300<<20, 4096)
		kept = kept[:len(kept)/20:len(kept)/20]
		kept = append([][]byte(nil), kept...)
		runtime.GC()
		write("idle.json", stats())
	}
	runtime.KeepAlive(kept)
}
