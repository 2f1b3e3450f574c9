package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"sort"
	"strings"
	"sync"
)

var keep []any

type node[T any] struct {
	v    T
	next *node[T]
}

func mk[T any](v T) *node[T] { return &node[T]{v: v} }
func chain[T any](n int, v T) *node[T] {
	if n == 0 {
		return mk(v)
	}
	x := mk(v)
	x.next = chain(n-1, v)
	return x
}
func even(n int) []byte {
	if n == 0 {
		return alloc(64)
	}
	return odd(n - 1)
}
func odd(n int) []byte {
	if n == 0 {
		return alloc(96)
	}
	keep = append(keep, small(n))
	return even(n - 1)
}
func small(n int) []byte { return inner(n) }
func inner(n int) []byte { return make([]byte, 10+n%7) }

//go:noinline
func alloc(n int) []byte { return wrap1(n) }
func wrap1(n int) []byte { return wrap2(n) }
func wrap2(n int) []byte { return make([]byte, n) }
func rec(n int) []byte {
	if n > 0 {
		f := func() []byte { return rec(n - 1) }
		return f()
	}
	return wrap1(n + 300)
}
func deep(n int) []byte {
	if n > 0 {
		return deepmid(n)
	}
	return wrap1(33)
}
func deepmid(n int) []byte { return deep(n - 1) }

type shape interface{ area() []byte }
type sq struct{ a [4]int }

func (s sq) area() []byte { return wrap1(len(s.a) * 40) }

type ci struct{ sq }

func apply[T any, U any](xs []T, f func(T) U) []U {
	var r []U
	for _, x := range xs {
		r = append(r, f(x))
	}
	return r
}
func pair[T any](a T) []T   { return two(a, a) }
func two[T any](a, b T) []T { return []T{a, b} }

func main() {
	runtime.MemProfileRate = 1
	for i := 0; i < 40; i++ {
		keep = append(keep, chain(i%5, i), chain(i%3, "x"), chain(2, [3]int{}), even(i), rec(i%9), deep(i), deep(200+i))
		var s shape = ci{}
		keep = append(keep, s.area(), apply([]int{1, 2}, func(x int) string { return fmt.Sprint(x) }), apply([]string{"a"}, func(x string) []string { return pair(x) }))
		m := map[string]int{}
		for j := 0; j < 100; j++ {
			m[fmt.Sprint(j)] = j
		}
		keep = append(keep, m, strings.Repeat("ab", i), slices.Clone([]int{1, 2, i}), pair(sq{}), pair(&m))
		ch := make(chan []byte, 2)
		var wg sync.WaitGroup
		for g := 0; g < 2; g++ {
			wg.Add(1)
			go func() { defer wg.Done(); ch <- rec(g + 130); defer func() { keep0(small(g)) }() }()
		}
		wg.Wait()
		keep = append(keep, <-ch, <-ch)
		xs := []string{"c", "b", "a"}
		sort.Slice(xs, func(i, j int) bool { mu.Lock(); keep = append(keep, small(3)); mu.Unlock(); return xs[i] < xs[j] })
		func() { defer func() { keep = append(keep, recover(), small(1)) }(); panic(fmt.Sprint("x", i)) }()
	}
	runtime.GC()
	runtime.GC()
	w := func(n string, d int) { f, _ := os.Create(n); pprof.Lookup("heap").WriteTo(f, d); f.Close() }
	w("out/heap_00.pb.gz", 0)
	w("out/heap_00.txt", 1)
}

var mu sync.Mutex

func keep0(b []byte) { mu.Lock(); keep = append(keep, b); mu.Unlock() }
