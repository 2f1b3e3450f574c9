//! The fields that profiles of one side should share.

/// A field in which the profiles of one side differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixedField {
    /// Sampling period.
    Period,
    /// The executable.
    Program,
    /// Build id of the executable.
    Build,
    /// Sample types.
    SampleTypes,
    /// Language of the program.
    Producer,
}

impl MixedField {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            MixedField::Period => "period_bytes",
            MixedField::Program => "program",
            MixedField::Build => "build_id",
            MixedField::SampleTypes => "sample_types",
            MixedField::Producer => "producer",
        }
    }
}
