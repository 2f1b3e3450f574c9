// A program that leaks goroutines of several kinds. Writes its heap, its goroutines and those that nothing can wake into the
// current folder, five times, and goroutines as text the first and the last time.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go (&http.Server{Handler: http.HandlerFunc(hang)}).Serve(listener)
	sql.Register("endless", endless{})
	db, err := sql.Open("endless", "")
	check(err)
	for round := range 5 {
		for range 12 {
			fetch(listener.Addr().String())
			query()
			list(db)
			follow()
			pprof.Do(context.Background(), pprof.Labels("tenant", "acme"), func(context.Context) { go wait(new(job)) })
			go tick()
		}
		time.Sleep(200 * time.Millisecond)
		runtime.GC()
		runtime.GC()
		write("heap", round, 0, ".pb.gz")
		write("goroutine", round, 0, ".pb.gz")
		if round == 0 || round == 4 {
			write("goroutineleak", round, 0, ".pb.gz")
			write("goroutineleak", round, 1, "_debug1.txt")
			write("goroutine", round, 1, "_debug1.txt")
			write("goroutine", round, 2, "_debug2.txt")
		}
	}
}

func write(name string, round, debug int, ending string) {
	file, err := os.Create(fmt.Sprintf("%s_%02d%s", name, round, ending))
	check(err)
	check(pprof.Lookup(name).WriteTo(file, debug))
	check(file.Close())
}

// hang is a handler that does not return: it promises more than it sends.
func hang(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000000")
	w.Write(make([]byte, 10000))
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// fetch forgets to close the body.
func fetch(address string) {
	response, err := http.Get("http://" + address)
	check(err)
	response.Body.Read(make([]byte, 10))
}

// query starts a goroutine that sends to nobody.
func query() {
	rows := make(chan []byte)
	go func() {
		page := make([]byte, 2000)
		rows <- page
	}()
}

// list forgets to close its rows.
func list(db *sql.DB) {
	ctx, cancel := context.WithCancel(context.Background())
	cancels = append(cancels, cancel)
	_, err := db.QueryContext(ctx, "")
	check(err)
}

var cancels []context.CancelFunc

// follow makes a child of a context that is not the library's own, and does not cancel it.
func follow() {
	_, cancel := context.WithCancel(parent)
	cancels = append(cancels, cancel)
}

var parent = foreign{make(chan struct{})}

type foreign struct{ done chan struct{} }

func (f foreign) Deadline() (time.Time, bool) { return time.Time{}, false }
func (f foreign) Done() <-chan struct{}       { return f.done }
func (f foreign) Err() error                  { return nil }
func (f foreign) Value(any) any               { return nil }

type job struct{ done sync.WaitGroup }

func wait(j *job) {
	j.done.Add(1)
	j.done.Wait()
}

// tick never stops its ticker.
func tick() {
	for range time.NewTicker(time.Hour).C {
	}
}

// endless is a database whose rows do not end.
type endless struct{}

func (endless) Open(string) (driver.Conn, error)          { return endless{}, nil }
func (endless) Prepare(string) (driver.Stmt, error)       { return endless{}, nil }
func (endless) Close() error                              { return nil }
func (endless) Begin() (driver.Tx, error)                 { return nil, io.EOF }
func (endless) NumInput() int                             { return 0 }
func (endless) Exec([]driver.Value) (driver.Result, error) { return nil, io.EOF }
func (endless) Query([]driver.Value) (driver.Rows, error) { return endless{}, nil }
func (endless) Columns() []string                         { return nil }
func (endless) Next([]driver.Value) error                 { return nil }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
