// newsd keeps what its heap profile cannot tell apart: recent items, which have an end, and the backlogs of subscribers,
// which have none, hold what the same line of decode returns. It reads commands, one a line:
//
//	publish N   publishes N items
//	heap FILE   writes a heap profile after two collections
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// item is what is published.
type item struct {
	id    int
	title string
	body  []byte
}

// subscriber gets every item.
type subscriber struct {
	name    string
	gone    bool
	backlog []*item
}

// hub passes items on.
type hub struct {
	recent      []*item
	subscribers map[string]*subscriber
}

const keptItems = 2000

var news = &hub{subscribers: map[string]*subscriber{
	"ann": {name: "ann"},
	"bob": {name: "bob", gone: true},
}}

func decode(id int) *item {
	return &item{id: id, title: fmt.Sprintf("item %010d", id), body: make([]byte, 1024)}
}

func (h *hub) publish(it *item) {
	if h.recent = append(h.recent, it); len(h.recent) > keptItems {
		h.recent[0] = nil
		h.recent = h.recent[1:]
	}
	for _, s := range h.subscribers {
		if s.backlog = append(s.backlog, it); !s.gone && len(s.backlog) == 10 {
			// LEAK: only a subscriber who is there empties the backlog, and nobody removes one who is gone.
			clear(s.backlog)
			s.backlog = s.backlog[:0]
		}
	}
}

// waiter holds an item in a goroutine that never ends.
func waiter(it *item, done chan struct{}) {
	<-done
	fmt.Println(it.title)
}

func main() {
	done := make(chan struct{})
	published := 0
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var n int
		var file string
		switch {
		case scan(in.Text(), "publish %d", &n):
			for range n {
				news.publish(decode(published))
				if published++; published%1000 == 0 {
					go waiter(decode(published), done)
				}
			}
		case scan(in.Text(), "heap %s", &file):
			if err := heap(file); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		fmt.Println("ok")
	}
}

func scan(line, format string, value any) bool {
	_, err := fmt.Sscanf(line, format, value)
	return err == nil
}

func heap(file string) error {
	runtime.GC()
	runtime.GC()
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	return pprof.Lookup("heap").WriteTo(out, 0)
}
