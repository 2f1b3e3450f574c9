//! Counts the goroutines of one profile by what names them.

use std::collections::BTreeMap;

use super::frames::{Frame, Frames};
use super::pattern::Pattern;
use super::waits::Waits;
use crate::profile::{CountedThing, Profile};
use crate::site::Own;

/// What goroutines that belong together have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The first function from the leaf in the program's own code; of stacks that are all library their outermost
    /// one without its closures; of those that are all runtime a class of it.
    pub owner: String,
    /// The outermost function that is not the runtime's: what `go` started.
    pub entry: String,
    /// What they wait for; `None` if it is unknown, or they run.
    pub waits: Option<Waits>,
    /// The pattern that their stack is known to have.
    pub pattern: Option<Pattern>,
}

/// The goroutines of one profile.
#[derive(Debug, Clone)]
pub struct Census {
    /// Their number.
    pub total: i128,
    /// Number of each group.
    pub groups: BTreeMap<Group, i128>,
    /// Number at each line of the owners that are the program's own: owner, file, line.
    pub lines: BTreeMap<(String, String, i64), i128>,
    /// The file, as the user named it; empty when unknown.
    pub input: String,
    /// Whether the profile tells who waits in a channel operation; a text of `debug=1` leaves out the runtime's frames.
    pub knows_waits: bool,
    /// When it was taken, nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// Number of those that a dump marks as leaked.
    pub marked_leaked: i128,
    /// What was counted.
    pub thing: CountedThing,
}

impl Census {
    /// Counts the goroutines of a profile; `None` if it counts anything else. `own`: the packages of the program's own
    /// code.
    pub fn new(profile: &Profile, own: &Own) -> Option<Self> {
        let header = profile.header();
        let thing = header.counted_thing()?;
        let frames = Frames::new(profile, own);
        let mut census = Census {
            total: 0,
            groups: BTreeMap::new(),
            lines: BTreeMap::new(),
            input: String::new(),
            knows_waits: frames.know_hidden_waits(),
            time_nanos: header.time_nanos,
            marked_leaked: header.marked_leaked.into(),
            thing,
        };
        profile.samples().for_each(|sample| {
            let stack: Vec<_> = frames.of_stack(sample.stack).collect();
            census.total += i128::from(sample.objects);
            let group = Group::of(&stack);
            if let Some((file, line)) = frames.own_line(sample.stack) {
                *census.lines.entry((group.owner.clone(), file, line)).or_default() += i128::from(sample.objects);
            }
            *census.groups.entry(group).or_default() += i128::from(sample.objects);
        });
        // An empty profile knows all that there is.
        census.knows_waits |= census.total == 0;
        Some(census)
    }

    /// The goroutines of both, of which `other` was taken later.
    pub fn merged(mut self, other: Census) -> Self {
        self.total += other.total;
        self.marked_leaked += other.marked_leaked;
        for (group, number) in other.groups {
            *self.groups.entry(group).or_default() += number;
        }
        for (line, number) in other.lines {
            *self.lines.entry(line).or_default() += number;
        }
        // Two files have no name in common.
        self.input = String::new();
        Census { knows_waits: self.knows_waits && other.knows_waits, time_nanos: other.time_nanos, ..self }
    }
}

impl Group {
    /// The group of goroutines with a stack, leaf first.
    fn of(stack: &[&Frame]) -> Self {
        let name = |frame: &&Frame| frame.name.to_string();
        let entry = stack.iter().rev().find(|frame| !frame.is_runtime()).or(stack.last());
        let own = stack.iter().find(|frame| frame.is_own()).map(name);
        // As the owner of a site of the heap.
        let other =
            || stack.iter().rev().find(|frame| frame.is_profiler()).or(entry).map(|frame| frame.owner.to_string());
        let waits = stack.iter().filter_map(|frame| frame.waits).min();
        let owner = own.or_else(other).unwrap_or_else(|| "(no stack)".to_owned());
        Group { entry: entry.map_or_else(|| owner.clone(), name), owner, waits, pattern: Pattern::of(stack) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The group of a stack, functions leaf first: owner, what it waits for, entry, pattern.
    fn group(stack: &str) -> (String, Option<Waits>, String, Option<Pattern>) {
        let frames: Vec<_> = stack.split(' ').map(|name| Frame::new(name.as_bytes(), b"", &Own::default())).collect();
        let Group { owner, entry, waits, pattern } = Group::of(&frames.iter().collect::<Vec<_>>());
        (owner, waits, entry, pattern)
    }

    const POLL: &str = "runtime.gopark runtime.netpollblock internal/poll.runtime_pollWait \
        internal/poll.(*FD).Read net.(*netFD).Read net.(*conn).Read";

    #[test]
    fn goroutines_are_named_by_owner_wait_and_entry() {
        use Pattern::{HttpClientRead, HttpClientWrite, HttpHandler, HttpHandlerWatch, HttpServerConnection};
        let serve = "net/http.(*conn).serve";
        let handler = format!("net/http.HandlerFunc.ServeHTTP net/http.serverHandler.ServeHTTP {serve}");
        let nats = "github.com/nats-io/nats-server/server";
        for (stack, owner, waits, entry, pattern) in [
            (
                format!("{POLL} net/http.(*connReader).Read bufio.(*Reader).fill bufio.(*Reader).Peek {serve}"),
                serve,
                Some(Waits::Network),
                serve,
                Some(HttpServerConnection),
            ),
            (
                format!("{POLL} lib/tlsutil.(*UnionedConnection).Read net/http.(*connReader).backgroundRead"),
                "lib/tlsutil.(*UnionedConnection).Read",
                Some(Waits::Network),
                "net/http.(*connReader).backgroundRead",
                Some(HttpHandlerWatch),
            ),
            (
                format!("runtime.gopark runtime.selectgo lib/sync.(*TimeoutCondWaiter).Wait {handler}"),
                "lib/sync.(*TimeoutCondWaiter).Wait",
                Some(Waits::Select),
                serve,
                Some(HttpHandler),
            ),
            (
                format!("{POLL} {nats}.(*client).readLoop {nats}.(*Server).createClient.func1"),
                "github.com/nats-io/nats-server/server.(*client).readLoop",
                Some(Waits::Network),
                "github.com/nats-io/nats-server/server.(*Server).createClient.func1",
                None,
            ),
            (
                format!(
                    "runtime.gopark runtime.goparkunlock sync.runtime_notifyListWait sync.(*Cond).Wait {nats}.(*client).writeLoop"
                ),
                "github.com/nats-io/nats-server/server.(*client).writeLoop",
                Some(Waits::Cond),
                "github.com/nats-io/nats-server/server.(*client).writeLoop",
                None,
            ),
            (
                "runtime.gopark runtime.chansend runtime.chansend1 main.pump".to_owned(),
                "main.pump",
                Some(Waits::Send),
                "main.pump",
                None,
            ),
            (
                "runtime.gopark runtime.selectgo net/http.(*persistConn).readLoop".to_owned(),
                "net/http.(*persistConn).readLoop",
                Some(Waits::Select),
                "net/http.(*persistConn).readLoop",
                Some(HttpClientRead),
            ),
            (
                "runtime.gopark runtime.selectgo net/http.(*persistConn).writeLoop".to_owned(),
                "net/http.(*persistConn).writeLoop",
                Some(Waits::Select),
                "net/http.(*persistConn).writeLoop",
                Some(HttpClientWrite),
            ),
            (
                // An idle connection in the pool.
                format!(
                    "{POLL} net/http.(*persistConn).Read bufio.(*Reader).fill bufio.(*Reader).Peek net/http.(*persistConn).readLoop"
                ),
                "net/http.(*persistConn).readLoop",
                Some(Waits::Network),
                "net/http.(*persistConn).readLoop",
                None,
            ),
            (
                "runtime.gopark runtime.chansend runtime.chansend1 example.test/desk.(*Pricer).Best.func1".to_owned(),
                "example.test/desk.(*Pricer).Best.func1",
                Some(Waits::Send),
                "example.test/desk.(*Pricer).Best.func1",
                None,
            ),
            (
                format!("{POLL} net/http.(*conn).readRequest net/http.(*Transport).startDialConnForLocked.func1"),
                "net/http.(*Transport).dialConnFor",
                Some(Waits::Network),
                "net/http.(*Transport).startDialConnForLocked.func1",
                None,
            ),
            ("main.spin gopkg.in/a%2ev1.Run".to_owned(), "main.spin", None, "gopkg.in/a.v1.Run", None),
            ("runtime.gopark runtime.bgsweep".to_owned(), "runtime (collector)", None, "runtime.bgsweep", None),
        ] {
            assert_eq!(group(&stack), (owner.to_owned(), waits, entry.to_owned(), pattern), "{stack}");
        }
    }

    #[test]
    fn other_well_known_stacks() {
        let grpc = "google.golang.org/grpc";
        for (stack, pattern) in [
            ("runtime.selectgo database/sql.(*Rows).awaitDone".to_owned(), Pattern::SqlRows),
            ("runtime.selectgo context.(*cancelCtx).propagateCancel.func2".to_owned(), Pattern::ContextParent),
            (format!("{POLL} {grpc}/internal/transport.(*http2Client).reader"), Pattern::GrpcClientRead),
            (
                format!(
                    "runtime.selectgo {grpc}/internal/transport.(*loopyWriter).run {grpc}/internal/transport.NewHTTP2Client.func6"
                ),
                Pattern::GrpcClientWrite,
            ),
            (
                format!(
                    "{POLL} {grpc}/internal/transport.(*http2Server).HandleStreams {grpc}.(*Server).serveStreams {grpc}.(*Server).handleRawConn.func1"
                ),
                Pattern::GrpcServerConnection,
            ),
            (
                format!(
                    "runtime.chanrecv main.(*api).Watch {grpc}.(*Server).processStreamingRPC {grpc}.(*Server).handleStream {grpc}.(*Server).serveStreams.func2.1"
                ),
                Pattern::GrpcStream,
            ),
        ] {
            assert_eq!(group(&stack).3, Some(pattern), "{stack}");
        }
    }
}
