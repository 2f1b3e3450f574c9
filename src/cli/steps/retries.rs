//! Repeated requests of a snapshot: of a server that refuses or is late, a bounded number of times.

use std::io;
use std::time::Duration;

use anyhow::Error;
use serde::{Serialize, Serializer};

use crate::cli::options::Taking;
use crate::cli::steps::Clock;
use crate::input::FetchError;

/// The time before the first repetition; each later one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// A request that is repeated.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Retry {
    pub(crate) profile: &'static str,
    /// What happened, in a few words.
    pub(crate) reason: String,
    /// The time waited before.
    #[serde(rename = "after_seconds", serialize_with = "seconds")]
    pub(crate) wait: Duration,
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// The repetitions of one snapshot.
pub(crate) struct Retries<'a> {
    taking: Taking,
    is_first: bool,
    clock: &'a dyn Clock,
    told: &'a mut dyn FnMut(&Retry),
    done: Vec<Retry>,
}

impl<'a> Retries<'a> {
    /// `is_first`: whether no snapshot was taken before. `told` is called before each wait.
    pub(crate) fn new(taking: Taking, is_first: bool, clock: &'a dyn Clock, told: &'a mut dyn FnMut(&Retry)) -> Self {
        Retries { taking, is_first, clock, told, done: Vec::new() }
    }

    /// Waits, if a request that failed with `error` is to be repeated; returns whether it is.
    pub(crate) fn wait(&mut self, profile: &'static str, error: &Error) -> bool {
        let Some(error) = fetch_error(error) else { return false };
        let Some(reason) = error.transient() else { return false };
        let count = self.done.len();
        if count >= self.taking.retries as usize || (self.is_first && error.is_unreachable()) {
            return false;
        }
        let doubled = 2_u32.saturating_pow(u32::try_from(count).unwrap_or(u32::MAX));
        let wait = FIRST_WAIT.saturating_mul(doubled).min(self.taking.every);
        let retry = Retry { profile, reason, wait };
        (self.told)(&retry);
        self.done.push(retry);
        self.clock.sleep(wait);
        true
    }

    /// The repetitions so far.
    pub(crate) fn into_done(self) -> Vec<Retry> {
        self.done
    }
}

/// The error of fetching in `error`, which may have come up while the body was read.
pub(crate) fn fetch_error(error: &Error) -> Option<&FetchError> {
    error.downcast_ref().or_else(|| error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref())
}
