package index

import "testing"

var built map[int]*entry

func BenchmarkBuild(b *testing.B) {
	for range b.N {
		built = Build(20)
	}
}
