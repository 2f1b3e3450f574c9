package server

import (
	"net/http/httptest"
	"testing"
)

// BenchmarkSession is yours: it logs a user in and out. A profile of it holds nothing else: everything else is made before the loop.
func BenchmarkSession(b *testing.B) {
	srv, w := New(), httptest.NewRecorder()
	w.Body = nil // otherwise it keeps all answers
	login := httptest.NewRequest("GET", "/login?user=u", nil)
	logout := httptest.NewRequest("GET", "/logout?user=u", nil)
	b.ReportAllocs()
	for b.Loop() {
		srv.ServeHTTP(w, login)
		srv.ServeHTTP(w, logout)
	}
}
