// Writes its own memory seven times, while it keeps more and more: runtime/metrics under the names of Go's client
// library for Prometheus (runtime/), the same as OpenTelemetry defines its metrics (otel/), and runtime.MemStats as
// read right after (memstats.jsonl).
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"
)

var kept [][]byte

func main() {
	notAName := regexp.MustCompile(`[^a-zA-Z0-9]+`)
	names := metrics.All()
	samples := make([]metrics.Sample, len(names))
	for i, name := range names {
		samples[i].Name = name.Name
	}
	var lines bytes.Buffer
	// The first reading of each allocates.
	metrics.Read(samples)
	runtime.ReadMemStats(new(runtime.MemStats))
	for step := range 7 {
		for range 20000 {
			kept = append(kept, make([]byte, 100))
		}
		runtime.GC()
		time.Sleep(50 * time.Millisecond)
		var stats runtime.MemStats
		metrics.Read(samples)
		runtime.ReadMemStats(&stats)
		var page, otel bytes.Buffer
		at := map[string]float64{}
		for i, sample := range samples {
			if sample.Value.Kind() != metrics.KindUint64 || strings.HasPrefix(sample.Name, "/godebug/") {
				continue
			}
			name := "go" + notAName.ReplaceAllString(sample.Name, "_")
			kind := "gauge"
			if names[i].Cumulative {
				name, kind = name+"_total", "counter"
			}
			at[sample.Name] = float64(sample.Value.Uint64())
			fmt.Fprintf(&page, "# TYPE %s %s\n%s %v\n", name, kind, name, at[sample.Name])
		}
		metric := func(name string, value float64) { fmt.Fprintf(&otel, "%s %v\n", name, value) }
		scope := `otel_scope_name="go.opentelemetry.io/contrib/instrumentation/runtime",otel_scope_version="0.60.0"`
		stacks := at["/memory/classes/heap/stacks:bytes"]
		used := at["/memory/classes/total:bytes"] - at["/memory/classes/heap/released:bytes"]
		metric("go_config_gogc_percent{"+scope+"}", at["/gc/gogc:percent"])
		metric("go_goroutine_count{"+scope+"}", at["/sched/goroutines:goroutines"])
		metric("go_memory_gc_goal_bytes{"+scope+"}", at["/gc/heap/goal:bytes"])
		metric("go_memory_limit_bytes{"+scope+"}", at["/gc/gomemlimit:bytes"])
		metric("go_memory_used_bytes{go_memory_type=\"other\","+scope+"}", used-stacks)
		metric("go_memory_used_bytes{go_memory_type=\"stack\","+scope+"}", stacks)
		write(fmt.Sprintf("runtime/metrics_%02d.txt", step), page.Bytes())
		write(fmt.Sprintf("otel/metrics_%02d.txt", step), otel.Bytes())
		line, _ := json.Marshal(stats)
		lines.Write(append(line, '\n'))
	}
	write("memstats.jsonl", lines.Bytes())
}

func write(name string, text []byte) {
	if err := os.WriteFile(name, text, 0o644); err != nil {
		panic(err)
	}
}
