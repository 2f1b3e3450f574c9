//! Profiles that count things one by one: goroutines.

use super::{Header, SampleType};

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

    /// What is counted by `wanted`, if that is goroutines.
    pub fn of(wanted: &SampleType) -> Option<Self> {
        CountedThing::ALL.into_iter().find(|thing| wanted.name() == Some(thing.sample_type()))
    }

    /// Its column alone.
    pub fn columns(self) -> SampleType {
        SampleType::Named(self.sample_type().to_owned())
    }
}

impl Header {
    /// What the profile counts, if that is goroutines and not a sample of something.
    pub fn counted_thing(&self) -> Option<CountedThing> {
        let [only] = &self.sample_types[..] else { return None };
        let is_counted = only.unit == "count" && self.period_type.unit != "bytes";
        CountedThing::ALL.into_iter().find(|thing| is_counted && thing.sample_type() == only.kind)
    }
}
