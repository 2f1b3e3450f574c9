//! The order of the fields of a profile and the packing of its samples' numbers, which reveal the encoder.

/// What was seen of the encoder so far.
#[derive(Default)]
pub(super) struct FieldOrder {
    last: u32,
    descends: bool,
    /// A repeated number of one or two values, one field each.
    short_unpacked: bool,
    /// A packed run of three values or more.
    long_packed: bool,
    /// A repeated number that google/pprof would have packed otherwise.
    others: bool,
}

impl FieldOrder {
    /// Notes the next field of the profile.
    pub(super) fn note(&mut self, field: u32) {
        self.descends |= field < self.last;
        self.last = field;
    }

    /// Notes a repeated number of a sample with `len` values; from three on they count the same.
    #[inline(always)]
    pub(super) fn note_repeated(&mut self, len: usize, packed: bool) {
        let (some, long) = (len > 0, len > 2);
        self.short_unpacked |= some & !long & !packed;
        self.long_packed |= long & packed;
        self.others |= some & (long != packed);
    }

    /// Number of the last field.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// Whether all fields came by number.
    pub(super) fn is_ascending(&self) -> bool {
        !self.descends
    }

    /// Whether the encoder of google/pprof or of Go's runtime may have written the samples: they pack a repeated number
    /// from the third value on, while protobuf's own encoders pack all or none.
    pub(super) fn may_be_google_pprof(&self) -> bool {
        (self.short_unpacked || self.long_packed) && !self.others
    }
}
