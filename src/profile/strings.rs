//! The string table.

use super::Invalid;

/// Twenty times as many as the largest profiles have.
const MAX_STRINGS: usize = 8 << 20;

/// Index of a string in a profile's string table; 0 is the empty string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StrId(pub(super) u32);

impl StrId {
    /// The index into the string table.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The string table of a profile. Strings are bytes, since some producers write ones that are not UTF-8.
#[derive(Debug, Default)]
pub struct Strings {
    /// All strings, one after the other.
    bytes: Vec<u8>,
    /// End of each string in `bytes`. 32 bits, since there may be millions.
    ends: Vec<u32>,
}

impl Strings {
    /// Adds a string; an error if the table is full.
    pub(super) fn push(&mut self, string: &[u8]) -> Result<(), Invalid> {
        let end = u32::try_from(self.bytes.len() + string.len()).map_err(|_| Invalid::StringsTooLong)?;
        if self.ends.len() >= MAX_STRINGS {
            return Err(Invalid::TooMany { table: "string_table", most: MAX_STRINGS });
        }
        self.bytes.extend_from_slice(string);
        self.ends.push(end);
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a string of this table.
    #[inline]
    pub fn get(&self, id: StrId) -> &[u8] {
        let at = id.0 as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start as usize..self.ends[at] as usize]
    }

    /// `bytes` with the lifetime of the table, if they are a slice of it: equal bytes elsewhere do not count.
    pub(crate) fn part(&self, bytes: &[u8]) -> Option<&[u8]> {
        let start = bytes.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr());
        self.bytes.get(start..)?.get(..bytes.len())
    }

    /// The string as text: bytes that are not UTF-8 become U+FFFD.
    pub(super) fn lossy(&self, id: StrId) -> String {
        String::from_utf8_lossy(self.get(id)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_the_table_is_distinguished_from_equal_bytes() {
        let mut strings = Strings::default();
        ["", "main.main", "main.go"].iter().for_each(|name| assert_eq!(strings.push(name.as_bytes()), Ok(())));
        let copy = strings.bytes.clone();
        assert_eq!(strings.part(&strings.get(StrId(1))[5..]), Some(&b"main"[..]));
        assert_eq!(strings.part(&strings.bytes), Some(&copy[..]));
        assert_eq!((strings.part(&copy), strings.part(&copy[5..9])), (None, None));
    }

    #[test]
    fn the_table_has_a_limit() {
        let mut strings = Strings::default();
        let refused = (0..).find_map(|at| strings.push(b"").err().map(|error| (at, error)));
        let error = Invalid::TooMany { table: "string_table", most: MAX_STRINGS };
        assert_eq!(refused, Some((MAX_STRINGS, error)));
    }
}
