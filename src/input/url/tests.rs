#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use super::*;

#[test]
fn inputs_are_urls_or_files() {
    for (text, is_url) in [
        ("http://localhost:6060", true),
        ("HTTPS://localhost", true),
        ("http:/localhost", false),
        ("http", false),
        ("localhost:6060", false),
        ("ä.pb", false),
    ] {
        assert_eq!(of(Path::new(text)).is_some(), is_url, "{text}");
    }
}

#[test]
fn an_address_is_a_url() {
    for (text, url) in [
        ("localhost:6060", Some("http://localhost:6060")),
        (":6060", Some("http://localhost:6060")),
        ("10.0.0.1:80/debug/pprof/heap", Some("http://10.0.0.1:80/debug/pprof/heap")),
        ("[::1]:6060", Some("http://[::1]:6060")),
        ("h:6060?x=a:b", Some("http://h:6060?x=a:b")),
        ("heap.pb.gz", None),
        (r"C:\heap.pb.gz", None),
        ("http://h:1", None),
        ("h:0", None),
        ("a b:1", None),
        ("dir/h:6060", None),
    ] {
        assert_eq!(of_address(text).as_deref(), url, "{text}");
    }
}

#[test]
fn a_url_without_a_profile_means_the_heap() {
    for (text, shown) in [
        ("http://localhost:6060", "http://localhost:6060/debug/pprof/heap?gc=1"),
        ("http://localhost:6060/", "http://localhost:6060/debug/pprof/heap?gc=1"),
        ("HTTP://h/debug/pprof", "http://h/debug/pprof/heap?gc=1"),
        ("http://h:80/x/debug/pprof/", "http://h/x/debug/pprof/heap?gc=1"),
        ("http://h/debug/pprof/heap", "http://h/debug/pprof/heap"),
        ("http://h/debug/pprof/allocs?debug=0#top", "http://h/debug/pprof/allocs?debug=0"),
        ("http://h?x=1", "http://h/?x=…"),
        ("http://h/debug/pprof/?token=s3cret&gc=0", "http://h/debug/pprof/heap?gc=1&token=…"),
        ("http://[::1]:6060", "http://[::1]:6060/debug/pprof/heap?gc=1"),
        ("http://user:pass@[::1]/a", "http://[::1]/a"),
        ("http://user@corp:p%40ss@h:1/a", "http://h:1/a"),
    ] {
        assert_eq!(super::shown(text), shown, "{text}");
        let names_none = shown.contains(HEAP);
        assert_eq!(Url::parse(text).unwrap().heap().is_some(), names_none, "{text}");
    }
}

#[test]
fn programs_serve_their_profiles_at_a_known_path() {
    for (text, shown) in [
        ("localhost:6060", "http://localhost:6060/debug/pprof/"),
        ("[::1]:6060", "http://[::1]:6060/debug/pprof/"),
        ("http://h/admin/", "http://h/admin/debug/pprof/"),
        ("http://h/admin/debug/pprof", "http://h/admin/debug/pprof/"),
        ("h/debug/pprof/heap?gc=1", "http://h/debug/pprof/"),
        ("h?gc=1", "http://h/debug/pprof/"),
        ("http://h/debug/pprof/heap?token=s3cret&debug=1", "http://h/debug/pprof/?token=…"),
    ] {
        assert_eq!(Url::of_program(text).unwrap().to_string(), shown, "{text}");
    }
    assert_eq!(Url::of_program("ftp://h").unwrap_err(), UrlError::Scheme);
}

#[test]
fn the_query_of_a_program_is_sent_with_each_profile() {
    let program = Url::of_program("h/debug/pprof/heap?token=s3cret&gc=0&seconds=30&x").unwrap();
    assert_eq!(program.join("heap?gc=1").target, "/debug/pprof/heap?gc=1&token=s3cret&x");
    assert_eq!(program.join("goroutine").target, "/debug/pprof/goroutine?token=s3cret&x");
    assert_eq!(Url::of_program("h").unwrap().join("heap?gc=1").target, "/debug/pprof/heap?gc=1");
}

#[test]
fn what_is_no_url() {
    for (text, error) in [
        ("unix:", UrlError::Socket),
        ("unix:/s:/a b", UrlError::Character(' ')),
        ("http://", UrlError::Host),
        ("http://:6060", UrlError::Host),
        ("http://u:p@/x", UrlError::Host),
        ("http://h:/", UrlError::Port),
        ("http://h:0", UrlError::Port),
        ("http://h:65536", UrlError::Port),
        ("http://[::1]6060", UrlError::Port),
        ("http://::1:6060", UrlError::Host),
        ("http://h/a b", UrlError::Character(' ')),
        ("http://h/\r\nX: y", UrlError::Character('\r')),
        ("http://hä/", UrlError::Character('ä')),
    ] {
        assert_eq!(Url::parse(text).unwrap_err(), error, "{text}");
    }
    for (text, shown) in [
        ("https://u:p@h/x", "https://h/x"),
        ("http://u:p/w@h/x", "http://h/x"),
        ("ftp://u:p@h", "ftp://h"),
        ("u:p@h:0", "h:0"),
        ("https://u:p@h/x?token=s3c@ret", "https://h/x?token=…"),
        ("htps://u:p@h/x?token=s3c@ret", "htps://…"),
        ("http://u:s3c?ret@h/x", "http://…"),
        ("https://h/x?y=z&gc=1", "https://h/x?y=…&gc=1"),
    ] {
        assert_eq!(super::shown(text), shown, "{text}");
    }
}

#[test]
fn redirects_lead_on() {
    let url = Url::parse("http://u:p@h:1/a/b?c=/d").unwrap();
    for (location, shown) in [
        ("http://other/x", "http://other/x"),
        ("//other:2/x", "http://other:2/x"),
        ("HTTP://H:1", "http://H:1/"),
        ("http://h:2/x", "http://h:2/x"),
        ("/x?y#z", "http://h:1/x?…"),
        ("x", "http://h:1/a/x"),
        ("?gc=1", "http://h:1/a/b?gc=1"),
    ] {
        let to = url.redirect(location).unwrap();
        assert_eq!(to.to_string(), shown, "{location}");
        assert_eq!(to.authorization.is_some(), to.is_on_host_of(&url), "{location}");
    }
    assert!(!url.redirect("https://h:1/").unwrap().is_on_host_of(&url));
    let secure = Url::parse("https://u:p@h/a").unwrap();
    for (location, is_same) in
        [("https://h/b", true), ("//h:443/b", true), ("http://h:443/b", false), ("//h:80/", false)]
    {
        let to = secure.redirect(location).unwrap();
        assert_eq!((to.is_on_host_of(&secure), to.authorization.is_some()), (is_same, is_same), "{location}");
    }
    let socket = Url::parse("unix:/run/s.sock:/a").unwrap();
    for (location, shown) in [
        ("/b", "unix:/run/s.sock:/b"),
        ("http://localhost/b", "unix:/run/s.sock:/b"),
        ("//LOCALHOST/b", "unix:/run/s.sock:/b"),
        ("http://h/b", "http://h/b"),
        ("https://localhost/b", "https://localhost/b"),
    ] {
        assert_eq!(socket.redirect(location).unwrap().to_string(), shown, "{location}");
    }
    // A path, as for anything else without http.
    assert_eq!(socket.redirect("unix:/other").unwrap().to_string(), "unix:/run/s.sock:/unix:/other");
    assert_eq!(url.redirect("/a b").unwrap_err(), UrlError::Character(' '));
}

#[test]
fn credentials_are_sent_as_they_are_meant() {
    // Those of RFC 7617.
    let header = |user: &str| Url::parse(&format!("http://{user}@h")).unwrap().authorization.unwrap();
    assert_eq!(header("Aladdin:open%20sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_eq!(header("a:%c3%A4%4"), "Basic YTrDpCU0");
}

#[test]
fn sockets_have_a_path_and_a_target() {
    for (text, shown, location) in [
        (
            "unix:/run/docker.sock",
            "unix:/run/docker.sock:/debug/pprof/heap?gc=1",
            "http://localhost/debug/pprof/heap?gc=1",
        ),
        (
            "UNIX:///run/docker.sock",
            "unix:/run/docker.sock:/debug/pprof/heap?gc=1",
            "http://localhost/debug/pprof/heap?gc=1",
        ),
        (
            "unix:a b.sock:/debug/pprof/allocs",
            "unix:a b.sock:/debug/pprof/allocs",
            "http://localhost/debug/pprof/allocs",
        ),
        ("unix:/s:/x?token=t", "unix:/s:/x?token=…", "http://localhost/x?token=t"),
    ] {
        assert_eq!(super::shown(text), shown);
        let url = Url::parse(text).unwrap();
        assert_eq!(url.heap().unwrap_or(url).location(), location);
    }
    let program = Url::of_program("unix:/run/containerd/debug.sock").unwrap();
    assert_eq!(program.to_string(), "unix:/run/containerd/debug.sock:/debug/pprof/");
    assert_eq!(program.place(), "debug.sock");
    assert_eq!(Url::of_program("https://h:8443/admin").unwrap().to_string(), "https://h:8443/admin/debug/pprof/");
}
