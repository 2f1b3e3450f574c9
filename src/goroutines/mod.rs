//! How many goroutines there are, where they were started and what they wait for. Counts are exact: nothing is sampled.
//!
//! In: profiles of goroutines, or of leaked ones. Out: a [`Census`] of each, and of two or more the [`GoroutineCourse`]:
//! which functions have more of them, and what that is known to mean ([`Pattern`]). In: heap profiles of the same times.
//! Out: what goroutines allocated ([`StartedHeap`]). Knows no file and no sentence.

mod census;
mod course;
mod frames;
mod heap;
mod pattern;
mod waits;

pub use census::Census;
pub use course::{GoroutineCourse, GroupGrowth};
pub use heap::{HeapShare, StartedHeap};
pub use pattern::Pattern;
pub use waits::Waits;
