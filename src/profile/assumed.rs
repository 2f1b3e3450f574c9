//! Which columns are taken to be the live ones while samples are read.

/// The live columns, before their names are known.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum AssumedLiveColumns {
    /// No sample was read.
    #[default]
    Open,
    /// Unknown: a sample is dead only if all its values are 0.
    Anywhere,
    /// Where Go and pprof put them.
    At([usize; 2]),
}

impl AssumedLiveColumns {
    pub(super) fn new(columns: usize) -> Self {
        match columns {
            2 => AssumedLiveColumns::At([0, 1]),
            4 => AssumedLiveColumns::At([2, 3]),
            _ => AssumedLiveColumns::Anywhere,
        }
    }
}
