//! Queries of URLs: joined with what a profile is asked by, and shown without what may be a secret.
//!
//! In: a path with its query. Out: the same kind of text. Knows no server.

/// Keys that ask `net/http/pprof` for a form of a profile; their values are no secrets.
const OF_PROFILES: [&str; 3] = ["gc", "debug", "seconds"];

/// The path and the query of a request target.
pub(super) fn split(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

fn parts(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|part| !part.is_empty())
}

/// The query with what is `asked` first and then `given`, but for what `given` asks of profiles: with another form of a
/// profile, or one over a time, snapshots would not compare.
pub(super) fn joined(asked: &str, given: &str) -> String {
    let is_of_profiles = |part: &&str| OF_PROFILES.contains(&part.split('=').next().unwrap_or_default());
    let all: Vec<_> = parts(asked).chain(parts(given).filter(|part| !is_of_profiles(part))).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
}

/// What [`hidden`] hides of a request target.
pub(super) fn secrets(target: &str) -> impl Iterator<Item = &str> {
    parts(split(target).1).filter_map(|part| match part.split_once('=') {
        Some((key, _)) if OF_PROFILES.contains(&key) => None,
        Some((_, value)) => Some(value),
        None => Some(part),
    })
}

/// A request target for people: keys of its query without their values, as those may be secrets.
pub(super) fn hidden(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else { return target.to_owned() };
    let part = |part: &str| match part.split_once('=') {
        Some((key, _)) if OF_PROFILES.contains(&key) => part.to_owned(),
        Some((key, _)) => format!("{key}=…"),
        None => "…".to_owned(),
    };
    format!("{path}?{}", parts(query).map(part).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_wins() {
        for (asked, given, query) in [
            ("", "", ""),
            ("gc=1", "", "?gc=1"),
            ("", "token=a", "?token=a"),
            ("debug=1&gc=1", "token=a&debug=0&seconds=9&gcx=2&flag", "?debug=1&gc=1&token=a&gcx=2&flag"),
        ] {
            assert_eq!(joined(asked, given), query);
        }
    }

    #[test]
    fn values_are_hidden() {
        for (target, shown) in [
            ("/heap", "/heap"),
            ("/heap?gc=1&debug=1", "/heap?gc=1&debug=1"),
            ("/heap?token=a=b&gc=1&c3VyZQ", "/heap?token=…&gc=1&…"),
        ] {
            assert_eq!(hidden(target), shown);
        }
    }
}
