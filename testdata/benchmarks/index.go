// Package index is what the profiles of this folder are of; what makes NEW differ stands beside it.
package index

import "strings"

type entry struct {
	key  string
	hits [6]int
}

// Build makes an index of n keys.
func Build(n int) map[int]*entry {
	m := make(map[int]*entry, n)
	for i := range n {
		m[i] = newEntry()
	}
	return m
}

func newEntry() *entry {
	key := strings.Repeat("k", 24)
	// NEW: key = strings.ToUpper(key)
	return &entry{key: key}
}
