// Package server keeps sessions.
package server

import (
	"fmt"
	"net/http"
	"sync"
)

// A Server keeps a session from log-in to log-out.
type Server struct {
	mu       sync.Mutex
	sessions map[string]*session
}

type session struct {
	user  string
	state [448]byte
}

// New returns a server without sessions.
func New() *Server {
	return &Server{sessions: make(map[string]*session)}
}

// ServeHTTP serves /login and /logout.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/login":
		s.sessions[user] = s.open(user)
	case "/logout":
		delete(s.sessions, user)
	default:
		http.NotFound(w, r)
		return
	}
	fmt.Fprintln(w, len(s.sessions))
}

func (s *Server) open(user string) *session {
	return &session{user: user}
}
