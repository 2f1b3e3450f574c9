// Package integration tests the service as a process of its own.
package integration

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeap leaves two profiles of the service, not of the test: after the warm-up, and after the load.
func TestHeap(t *testing.T) {
	dir := os.Getenv("HEAP_DIR")
	if dir == "" {
		t.Skip("set HEAP_DIR to the folder for heap profiles")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	url := start(t, "example.com/svc/cmd/svc") // yours: the package of the program
	load(t, url, 500)
	fetchHeap(t, url, filepath.Join(dir, "base.pb.gz"))
	load(t, url, 5000)
	fetchHeap(t, url, filepath.Join(dir, "current.pb.gz"))
}

// start builds and starts the service until the test ends, and returns its URL, which is the first line it prints.
func start(t *testing.T, pkg string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "svc")
	if out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	svc := exec.Command(program, "-listen", "127.0.0.1:0") // yours: its options
	svc.Env = append(os.Environ(), "GODEBUG=memprofilerate=4096")
	svc.Stderr = os.Stderr
	out, err := svc.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = svc.Process.Kill(); _ = svc.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the service printed no URL: %v", err)
	}
	return strings.TrimSpace(line)
}

// load is yours: it asks the service for what n users do.
func load(t *testing.T, url string, n int) {
	t.Helper()
	for i := range n {
		get(t, fmt.Sprintf("%s/login?user=u%d", url, i))
		get(t, fmt.Sprintf("%s/logout?user=u%d", url, i))
	}
}

// fetchHeap writes a profile of what is alive in the service. It asks twice: each time the service collects its garbage,
// and what finalizers free takes a second collection.
func fetchHeap(t *testing.T, url, name string) {
	t.Helper()
	// heap profile: 3: 1536 [9: 4608] @ heap/8192: twice the bytes between two samples
	head, _, _ := strings.Cut(string(get(t, url+"/debug/pprof/heap?gc=1&debug=1")), "\n")
	var twice int
	if _, rate, _ := strings.Cut(head, "@ heap/"); rate != "" {
		fmt.Sscan(rate, &twice)
	}
	if twice <= 0 || twice > 2*4096 {
		t.Fatalf("heap profiling is off in the service or too coarse, want a sample every 4096 bytes: %s", head)
	}
	if err := os.WriteFile(name, get(t, url+"/debug/pprof/heap?gc=1"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// get returns the answer to a request.
func get(t *testing.T, url string) []byte {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, answer.Status, err)
	}
	return body
}
