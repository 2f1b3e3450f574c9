//! Stable ids of sites, for JSON and for budgets.

use super::key::{LineAnchor, SiteKey};
use crate::paths::base_name_of_bytes;

impl SiteKey<'_> {
    /// An id that is the same in two builds, of scheme `v1`. It depends on a path only where files are the sites, on
    /// an address only as an offset in a file, and on a line number only if the function's first line is unknown.
    pub fn site_id(&self) -> String {
        let number = |n: i64| n.to_le_bytes();
        let hash = match *self {
            SiteKey::Line(name, anchor) => {
                let name = name.parts().concat();
                match anchor {
                    LineAnchor::Offset(offset) | LineAnchor::InFile { offset, .. } => {
                        fnv1a(&[b"line", &name, &number(offset)])
                    }
                    LineAnchor::Absolute { file, line } => {
                        fnv1a(&[b"line", &name, base_name_of_bytes(file), &number(line)])
                    }
                    LineAnchor::Unknown => fnv1a(&[b"line", &name]),
                }
            }
            SiteKey::Function(name) => fnv1a(&[b"function", &name.parts().concat()]),
            SiteKey::File(file) => fnv1a(&[b"file", file]),
            SiteKey::Package(package) => fnv1a(&[b"package", package]),
            SiteKey::Address { binary, offset } => fnv1a(&[b"address", binary, &offset.to_le_bytes()]),
            SiteKey::Binary(binary) => fnv1a(&[b"binary", binary]),
            SiteKey::Runtime(class) => fnv1a(&[b"runtime", class.code().as_bytes()]),
            SiteKey::NoStack => fnv1a(&[b"no stack"]),
        };
        format!("v1:{hash:016x}")
    }
}

/// The 64-bit FNV-1a hash of the parts, each after its length, so that no two lists have the same bytes. It is the same
/// on every machine and in every release, unlike the standard library's.
///
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
fn fnv1a(parts: &[&[u8]]) -> u64 {
    let bytes = parts.iter().flat_map(|part| (part.len() as u64).to_le_bytes().into_iter().chain(part.iter().copied()));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::go::Name;

    #[test]
    fn the_id_scheme_is_pinned() {
        let line = SiteKey::Line(Name::new(b"main.f"), LineAnchor::Offset(3));
        assert_eq!(line.site_id(), "v1:6421b2796c0f49df");
        let generic = |name: &'static [u8]| SiteKey::Function(Name::new(name)).site_id();
        assert_eq!(generic(b"main.mk[go.shape.int]"), generic(b"main.mk[...]"));
        let at = |file: &'static [u8]| SiteKey::Line(Name::new(b"f"), LineAnchor::Absolute { file, line: 7 });
        assert_eq!(at(b"/home/a/x.c").site_id(), at(b"/build/b/x.c").site_id());
        assert_ne!(at(b"x.c").site_id(), at(b"y.c").site_id());
    }
}
