// A service whose pods keep sessions; one of them keeps all that it gets.
package main

import (
	"log"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
)

type store struct{ sessions map[int][]byte }

func (s *store) create(number int) {
	for range number {
		s.sessions[len(s.sessions)] = make([]byte, 256)
	}
}

func fillCatalog(number int) [][]byte {
	catalog := make([][]byte, number)
	for i := range catalog {
		catalog[i] = make([]byte, 1024)
	}
	return catalog
}

func write(path string) {
	runtime.GC()
	runtime.GC()
	file, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := pprof.Lookup("heap").WriteTo(file, 0); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}

// pods NAME SESSIONS
func main() {
	number, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	sessions, catalog := &store{sessions: map[int][]byte{}}, fillCatalog(2000)
	sessions.create(500)
	write("earlier/" + os.Args[1] + ".pb.gz")
	sessions.create(number)
	write("later/" + os.Args[1] + ".pb.gz")
	runtime.KeepAlive(sessions)
	runtime.KeepAlive(catalog)
}
