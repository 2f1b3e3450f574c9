//! What one side's samples say of its functions: who calls them from where, whom they call, and what they allocate.

use std::collections::BTreeMap;

use super::counts::{Counting, Counts};
use super::functions::{ALLOCATOR, FunctionId, Functions, LEAF, ROOT};
use crate::paths::base_name;
use crate::profile::{Profile, Sample};
use crate::site::Rate;

/// A line of a function as an offset from its first line, or its number if that is unknown; and who is called there.
pub(super) type BodyKey = (i64, FunctionId);
/// A caller, and the line of the call, likewise.
pub(super) type CallKey = (FunctionId, i64);

/// What the samples say of one function. Weights are raw samples ever allocated, 1 for a sample without any.
#[derive(Debug, Default)]
pub(super) struct FunctionStats {
    pub(super) callers: Counts<FunctionId>,
    pub(super) callees: Counts<FunctionId>,
    pub(super) body: Counts<BodyKey>,
    pub(super) calls: Counts<CallKey>,
}

/// What a function owns: it is the first own frame of these samples.
#[derive(Debug, Default, Clone)]
pub(super) struct Owned {
    /// Live bytes by object size.
    pub(super) live: Counts<u64>,
    /// Bytes ever allocated, by object size.
    pub(super) allocated: Counts<u64>,
    /// Raw samples ever allocated.
    pub(super) samples: u64,
}

/// Where a function is.
#[derive(Debug, Default, Clone)]
pub(super) struct Place {
    /// Its file.
    pub(super) path: String,
    /// Base name of its file.
    pub(super) file: String,
    /// Its first line; 0 if unknown.
    pub(super) start_line: i64,
}

/// One side's functions.
pub(super) struct SideStats {
    /// By function: where it is; `None` if the side does not have it.
    places: Vec<Option<Place>>,
    /// Only of the functions asked for.
    functions: BTreeMap<FunctionId, FunctionStats>,
    owned: BTreeMap<FunctionId, Owned>,
    /// Bytes that own functions ever allocated.
    pub(super) allocated: f64,
    /// Sampling period, bytes; 1 where everything was counted.
    pub(super) rate: f64,
}

/// What the raw samples of a sample say.
struct Weights {
    live: u64,
    allocated: u64,
    /// Raw samples ever allocated.
    samples: u64,
}

impl Weights {
    fn new(sample: &Sample<'_>, rate: Option<Rate>) -> Self {
        let size = size(sample);
        let amount = |space: i64| u64::try_from(space).unwrap_or(0);
        // Where nothing counts bytes, an object counts as one.
        let live = if sample.space != 0 { amount(sample.space) } else { amount(sample.objects) };
        let allocated = sample.allocated_space.map_or(live, amount);
        let per_sample = rate.filter(|_| size > 0).map_or(1.0, |rate| rate.bytes_per_sample(size));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of samples")]
        let samples = (allocated as f64 / per_sample).round() as u64;
        Weights { live, allocated, samples }
    }
}

/// Bytes of an object; 0 if unknown.
fn size(sample: &Sample<'_>) -> u64 {
    sample.block_size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}

/// Raw samples ever allocated, 1 for a sample without any.
pub(super) fn weight(sample: &Sample<'_>, rate: Option<Rate>) -> u64 {
    Weights::new(sample, rate).samples.max(1)
}

/// The places of the functions of a side.
pub(super) fn places(profiles: &[Profile], functions: &Functions) -> Vec<Option<Place>> {
    let mut places: Vec<Option<Place>> = vec![None; functions.ids().len()];
    for profile in profiles {
        for function in profile.functions() {
            let Some(id) = functions.id(profile.string(function.name)) else { continue };
            let path = String::from_utf8_lossy(profile.string(function.filename)).into_owned();
            let file = base_name(&path).to_owned();
            let place = Place { path, file, start_line: function.start_line };
            let known = &mut places[id as usize];
            // Instantiations and files of package variables differ: the first, in whatever order they come.
            let rank = |place: &Place| (place.start_line <= 0, place.start_line, place.path.clone());
            if known.as_ref().is_none_or(|known| rank(&place) < rank(known)) {
                *known = Some(place);
            }
        }
    }
    places
}

impl SideStats {
    /// Adds up the samples. `is_wanted`: by function, whether its callers and its body are asked for.
    pub(super) fn new(
        profiles: &[Profile],
        functions: &Functions,
        places: Vec<Option<Place>>,
        is_wanted: &[bool],
    ) -> Self {
        let mut counter = Counter::new(functions, is_wanted);
        profiles.iter().for_each(|profile| counter.add(profile));
        counter.finish(places)
    }

    /// Whether the side has a function.
    pub(super) fn has(&self, id: FunctionId) -> bool {
        self.places[id as usize].is_some()
    }

    /// Where a function is that the side has.
    pub(super) fn place(&self, id: FunctionId) -> Option<&Place> {
        self.places[id as usize].as_ref()
    }

    /// Whether the function's first line is known.
    pub(super) fn knows_start(&self, id: FunctionId) -> bool {
        self.place(id).is_some_and(|place| place.start_line > 0)
    }

    /// What the samples say of a function that was asked for.
    pub(super) fn function(&self, id: FunctionId) -> Option<&FunctionStats> {
        self.functions.get(&id)
    }

    /// What a function owns.
    pub(super) fn owned(&self, id: FunctionId) -> Option<&Owned> {
        self.owned.get(&id)
    }

    /// Raw samples that a function ever allocated.
    pub(super) fn samples(&self, id: FunctionId) -> u64 {
        self.owned(id).map_or(0, |owned| owned.samples)
    }
}

#[derive(Default)]
struct FunctionCounting {
    callers: Counting<FunctionId>,
    callees: Counting<FunctionId>,
    body: Counting<BodyKey>,
    calls: Counting<CallKey>,
}

#[derive(Default)]
struct OwnedCounting {
    live: Counting<u64>,
    allocated: Counting<u64>,
    samples: u64,
}

struct Counter<'f> {
    functions: &'f Functions,
    is_wanted: &'f [bool],
    counted: BTreeMap<FunctionId, FunctionCounting>,
    owned: BTreeMap<FunctionId, OwnedCounting>,
    /// By function: the last sample with it, from 1.
    last_sample: Vec<u64>,
    samples: u64,
    rate: Option<Rate>,
}

/// A frame of a stack.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) function: FunctionId,
    /// Offset of the line, or its number if the function's first line is unknown; `None` if unknown.
    offset: Option<i64>,
}

/// The frames of a profile's locations, innermost first.
pub(super) fn frames_by_location(profile: &Profile, functions: &Functions) -> Vec<Vec<Frame>> {
    let ids: Vec<_> = profile.functions().iter().map(|function| functions.id(profile.string(function.name))).collect();
    let frame = |line: &crate::profile::Line| {
        let (function, line) = ({ line.function }, { line.line });
        let start = profile.function(function).start_line;
        let offset = (line > 0).then(|| if start > 0 { line.saturating_sub(start) } else { line });
        Some(Frame { function: ids[function.index()]?, offset })
    };
    let lines = |id| profile.lines()[profile.line_range(id).start as usize..profile.line_range(id).end as usize].iter();
    profile.location_ids().map(|id| lines(id).filter_map(frame).collect()).collect()
}

impl<'f> Counter<'f> {
    fn new(functions: &'f Functions, is_wanted: &'f [bool]) -> Self {
        Counter {
            functions,
            is_wanted,
            counted: BTreeMap::new(),
            owned: BTreeMap::new(),
            last_sample: vec![0; functions.ids().len()],
            samples: 0,
            rate: None,
        }
    }

    fn add(&mut self, profile: &Profile) {
        let rate = Rate::from_header(profile.header());
        self.rate = self.rate.or(rate);
        let frames = frames_by_location(profile, self.functions);
        let mut stack = Vec::new();
        profile.samples().for_each_kept(|sample| {
            stack.clear();
            stack.extend(sample.stack.iter().flat_map(|&id| &frames[id.index()]).copied());
            self.count(&stack, sample, rate);
        });
    }

    fn count(&mut self, stack: &[Frame], sample: &Sample<'_>, rate: Option<Rate>) {
        self.samples += 1;
        let (size, Weights { live, allocated, samples }) = (size(sample), Weights::new(sample, rate));
        let weight = samples.max(1);
        let mut has_owner = false;
        for (at, frame) in stack.iter().enumerate() {
            let id = frame.function;
            if !self.functions.is_own(id) {
                continue;
            }
            if !has_owner {
                has_owner = true;
                let owned = self.owned.entry(id).or_default();
                add(&mut owned.live, size, live);
                add(&mut owned.allocated, size, allocated);
                owned.samples = owned.samples.saturating_add(samples);
            }
            let seen = std::mem::replace(&mut self.last_sample[id as usize], self.samples) == self.samples;
            if seen || !self.is_wanted[id as usize] {
                continue;
            }
            let counted = self.counted.entry(id).or_default();
            let callee = at.checked_sub(1).map(|at| stack[at].function);
            add(&mut counted.callees, callee.unwrap_or(LEAF), weight);
            if let Some(offset) = frame.offset {
                let callee = callee.filter(|&callee| !self.functions.is_runtime(callee)).unwrap_or(ALLOCATOR);
                add(&mut counted.body, (offset, callee), weight);
            }
            let caller = stack.get(at + 1);
            add(&mut counted.callers, caller.map_or(ROOT, |caller| caller.function), weight);
            let call = caller.map_or((ROOT, 0), |caller| (caller.function, caller.offset.unwrap_or(0)));
            add(&mut counted.calls, call, weight);
        }
    }

    fn finish(self, places: Vec<Option<Place>>) -> SideStats {
        let functions = self.counted.into_iter().map(|(id, counted)| {
            let FunctionCounting { callers, callees, body, calls } = counted;
            let stats = FunctionStats {
                callers: Counts::new(callers),
                callees: Counts::new(callees),
                body: Counts::new(body),
                calls: Counts::new(calls),
            };
            (id, stats)
        });
        let owned: BTreeMap<_, _> = self
            .owned
            .into_iter()
            .map(|(id, OwnedCounting { live, allocated, samples })| {
                (id, Owned { live: Counts::new(live), allocated: Counts::new(allocated), samples })
            })
            .collect();
        SideStats {
            places,
            functions: functions.collect(),
            allocated: owned.values().map(|owned| owned.allocated.total() as f64).sum(),
            owned,
            rate: self.rate.map_or(1.0, Rate::bytes),
        }
    }
}

fn add<K: std::hash::Hash + Eq>(counting: &mut Counting<K>, key: K, weight: u64) {
    if weight > 0 {
        let sum = counting.entry(key).or_default();
        *sum = sum.saturating_add(weight);
    }
}
