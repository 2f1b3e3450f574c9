// Caches whose size is a matter of timing, and a leak of LEAK objects of about 200 bytes: two profiles a run, sampled
// every RATE bytes, in the folder OUT. README.md has what the gate makes of 12 runs without a leak and 12 with.
package main

import (
	"math/rand"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
)

type session struct {
	data []byte
	next *session
}

var (
	sessions = map[int]*session{}
	cache    [][]byte
	pool     [][]byte
	held     [][]byte
	index    []*int64
	kept     []*session
)

//go:noinline
func open(id int, n int) { sessions[id] = &session{data: make([]byte, n)} }

//go:noinline
func fillCache(n int) { cache = append(cache, make([]byte, n)) }

//go:noinline
func grabBuffer() { pool = append(pool, make([]byte, 4096)) }

//go:noinline
func hold(n int) { held = append(held, make([]byte, n)) }

//go:noinline
func addIndex() { v := new(int64); index = append(index, v) }

//go:noinline
func remember(n int) { kept = append(kept, &session{data: make([]byte, n)}) }

func snap(name string) {
	runtime.GC()
	runtime.GC()
	f, _ := os.Create(name)
	pprof.Lookup("heap").WriteTo(f, 0)
	f.Close()
}

func env(name string) int { n, _ := strconv.Atoi(os.Getenv(name)); return n }

func init() { runtime.MemProfileRate = env("RATE") }

func main() {
	r := rand.New(rand.NewSource(int64(env("SEED"))))
	out := os.Getenv("OUT")
	load := func(scale float64) {
		for i := 0; i < int(4000*scale); i++ {
			open(r.Intn(3000), 64+r.Intn(192))
		}
		// A cache whose size depends on timing: it varies from run to run.
		many := int(float64(200+r.Intn(600)) * scale)
		for i := 0; i < many; i++ {
			fillCache(1024)
		}
		many = int(float64(40+r.Intn(120)) * scale)
		for i := 0; i < many; i++ {
			grabBuffer()
		}
		many = int(float64(1000+r.Intn(1500)) * scale)
		for i := 0; i < many; i++ {
			hold(64)
		}
		for i := 0; i < int(20000*scale); i++ {
			addIndex()
		}
	}
	load(0.5)
	snap(out + "/base.pb.gz")
	cache, pool, held = nil, nil, nil
	load(1)
	// LEAK objects of about 200 bytes, give or take a tenth.
	n := float64(env("LEAK"))
	many := int(n * (0.8 + 0.4*r.Float64()))
	for i := 0; i < many; i++ {
		remember(150 + r.Intn(30))
	}
	snap(out + "/current.pb.gz")
	runtime.KeepAlive(sessions)
	runtime.KeepAlive(kept)
	runtime.KeepAlive(index)
	runtime.KeepAlive(cache)
	runtime.KeepAlive(held)
	runtime.KeepAlive(pool)
}
