#!/usr/bin/env bash
# Makes the dumps beside this file again: builds leak.c under /opt/leak, so that the memory maps show that folder,
# and runs it under jemalloc and gperftools. A run differs from the last one in its addresses and in what was sampled;
# `tests/native.py remake` makes the tables that belong to it.
# Needs gcc, g++ and Debian's libjemalloc2 and google-perftools.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
libraries=/usr/lib/x86_64-linux-gnu
rm -rf /opt/leak
mkdir -p /opt/leak/out
cp "$here/leak.c" "$here/sample.cc" /opt/leak
cd /opt/leak
gcc -g -O0 -Wall -Wextra -c leak.c
g++ -g -O0 -Wall -Wextra -c sample.cc
g++ -o leak leak.o sample.o -ldl -lpthread

# Where the functions are; this program's text lies in memory as in the file, so addresses are offsets.
nm --defined-only --print-size --radix=x leak | awk '$3 ~ /^[Tt]$/ && $2 ~ /^0/ && NF == 4 { print "leak\t0x" $1 "\t0x" $2 "\t" $4 }' |
    sed 's/0x0*/0x/g' | grep -P '\t(session|index_grow|cache_fill|buffers|early|late|churn|main)$' >"$here/functions.tsv"

# leak NAME VARIABLE=VALUE...: one process in an environment of nothing else; its dumps become NAME.base.heap
# and NAME.current.heap.
leak() {
    local name=$1 kind
    shift
    rm -f out/*
    env -i "$@" ./leak out 2>/dev/null
    # gperftools numbers its dumps; the third is that of the exit.
    if [ -e out/hp.0001.heap ]; then
        mv out/hp.0001.heap out/base.heap
        mv out/hp.0002.heap out/current.heap
    fi
    mkdir -p "$(dirname "$here/$name")"
    for kind in base current; do
        mv "out/$kind.heap" "$here/$name.$kind.heap"
        if [ -e "out/$kind.heap.growth" ]; then
            mv "out/$kind.heap.growth" "$here/$name-growth.$kind.heap"
        fi
    done
}

jemalloc=LD_PRELOAD=$libraries/libjemalloc.so.2
leak jemalloc/first "$jemalloc" MALLOC_CONF=prof:true
leak jemalloc/second "$jemalloc" MALLOC_CONF=prof:true
leak jemalloc/accum "$jemalloc" MALLOC_CONF=prof:true,prof_accum:true,lg_prof_sample:14
leak jemalloc/every "$jemalloc" MALLOC_CONF=prof:true,lg_prof_sample:0

tcmalloc=LD_PRELOAD=$libraries/libtcmalloc.so.4
leak gperftools/first "$tcmalloc" HEAPPROFILE=out/hp
leak gperftools/second "$tcmalloc" HEAPPROFILE=out/hp
leak gperftools/sampled "$tcmalloc" TCMALLOC_SAMPLE_PARAMETER=524288
leak gperftools/sampled2 "$tcmalloc" TCMALLOC_SAMPLE_PARAMETER=524288
# Of a second process its current side is enough, and a few dumps stay readable.
cd "$here"
rm gperftools/sampled2-growth.* */second.base.heap gperftools/sampled2.base.heap
gzip -nf9 jemalloc/{second,accum,every}.*.heap gperftools/{second,sampled,sampled2,sampled-growth}.*.heap
