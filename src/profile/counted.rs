//! Profiles that count things one by one: goroutines.

use super::Header;

/// What a profile counts that has one column, and is not a heap's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedThing {
    /// All goroutines.
    Goroutine,
    /// Goroutines that nothing can wake any more, by Go 1.27 and later.
    LeakedGoroutine,
}

impl CountedThing {
    /// Both.
    pub const ALL: [CountedThing; 2] = [CountedThing::Goroutine, CountedThing::LeakedGoroutine];

    /// The type of its column, which is also the name of the profile.
    pub fn sample_type(self) -> &'static str {
        match self {
            CountedThing::Goroutine => "goroutine",
            CountedThing::LeakedGoroutine => "goroutineleak",
        }
    }

    /// What a profile with these columns counts, each a type and a unit.
    pub fn of<'c>(mut columns: impl Iterator<Item = (&'c str, &'c str)>) -> Option<Self> {
        let only = columns.next().filter(|(_, unit)| *unit == "count")?;
        let is_single = columns.next().is_none();
        CountedThing::ALL.into_iter().find(|thing| is_single && thing.sample_type() == only.0)
    }
}

impl Header {
    /// What the profile counts, if that is goroutines.
    pub fn counted_thing(&self) -> Option<CountedThing> {
        CountedThing::of(self.sample_types.iter().map(|column| (&column.kind[..], &column.unit[..])))
    }
}
