//! Why inputs are unfit for a judgement, as data.

use super::Note;

/// Why inputs are unfit for a judgement.
#[derive(Debug, Clone, PartialEq)]
pub enum Unfit {
    /// What a note says of base and current, or of the pair that shows usual growth.
    Note(Note),
    /// The pair that shows usual growth does not count the same metrics as the pair that is judged.
    UsualCountsOtherwise,
    /// The pair that shows usual growth is the pair that is judged.
    UsualIsJudged,
    /// Nothing is live on either side.
    NothingLive,
    /// A budget needs growth that can be distinguished from noise.
    GrowthNotDistinguishable,
    /// What a note says of the settled profile.
    SettledNote(Note),
    /// The settled profile does not count the same metrics as base and current.
    SettledCountsOtherwise,
    /// The settled profile is empty.
    SettledEmpty,
    /// The settled profile was not sampled as the base was.
    SettledSampledOtherwise,
    /// The settled profile is the current one.
    SettledIsCurrent,
    /// The settled profile was taken before the current one.
    SettledTooEarly,
}
