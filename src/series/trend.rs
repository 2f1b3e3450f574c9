//! The ways in which a site can develop.

/// How a site developed; the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// It keeps growing, in number of objects.
    Leak,
    /// It keeps growing, as its objects get larger.
    Bloat,
    /// It grew; whether it keeps growing is not known.
    Grew,
    /// It grew by few objects that are large, or by larger objects in place of others; whether it keeps growing is not
    /// known.
    GrewLarge,
    /// It grew, but is levelling off.
    WarmUp,
    /// It grew, but hardly at the end.
    Levelled,
    /// It grew once.
    OneStep,
    /// It went up and down.
    Fluctuating,
    /// Whether it grew is not known: object sizes or the sampling rate are missing.
    Unknown,
    /// It did not grow significantly.
    Steady,
}

impl Trend {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Trend::Leak => "leak",
            Trend::Bloat => "bloat",
            Trend::Grew => "grew_unclear",
            Trend::GrewLarge => "grew_large",
            Trend::WarmUp => "warm_up",
            Trend::Levelled => "levelled",
            Trend::OneStep => "one_step",
            Trend::Fluctuating => "fluctuating",
            Trend::Unknown => "unknown",
            Trend::Steady => "steady",
        }
    }

    /// Whether the site keeps growing.
    pub fn goes_on(self) -> bool {
        matches!(self, Trend::Leak | Trend::Bloat)
    }

    /// Whether the site grew, and it is not known whether it keeps growing.
    pub fn may_go_on(self) -> bool {
        matches!(self, Trend::Grew | Trend::GrewLarge)
    }
}
