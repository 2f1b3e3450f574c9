//! The string table: raw bytes, one behind the other.

/// Index of a string in a profile's string table; 0 is the empty string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StrId(pub(super) u32);

/// The string table of a profile. Strings are bytes: producers do write some that are not UTF-8.
#[derive(Debug, Default)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Strings {
    pub(super) fn push(&mut self, string: &[u8]) {
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of string `id`, an id of this table.
    pub fn get(&self, id: StrId) -> &[u8] {
        let at = id.0 as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }

    /// The string for people: bytes that are not UTF-8 become U+FFFD.
    pub(super) fn lossy(&self, id: StrId) -> String {
        String::from_utf8_lossy(self.get(id)).into_owned()
    }
}
