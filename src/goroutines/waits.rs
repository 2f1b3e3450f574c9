//! What a goroutine waits for, by the frames of the runtime and of `sync` on its stack.

/// What a goroutine waits for. If a stack has frames of several, the first of these counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waits {
    /// It sends on a channel.
    Send,
    /// It receives from a channel.
    Receive,
    /// In a select.
    Select,
    /// For the network, or for a file that is polled.
    Network,
    /// In `time.Sleep`.
    Sleep,
    /// For a `sync.WaitGroup`.
    WaitGroup,
    /// For a `sync.Mutex` or `sync.RWMutex`.
    Lock,
    /// For a `sync.Cond`.
    Cond,
    /// For ever: a select without cases.
    ForEver,
    /// In a system call.
    Syscall,
    /// For a semaphore.
    Semaphore,
}

impl Waits {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Waits::Send => "chan_send",
            Waits::Receive => "chan_receive",
            Waits::Select => "select",
            Waits::Network => "network",
            Waits::Sleep => "sleep",
            Waits::WaitGroup => "wait_group",
            Waits::Lock => "lock",
            Waits::Cond => "cond",
            Waits::ForEver => "for_ever",
            Waits::Syscall => "syscall",
            Waits::Semaphore => "semaphore",
        }
    }

    /// What a frame of this function waits for.
    pub(super) fn of(function: &str) -> Option<Self> {
        let starts = |start: &str| function.starts_with(start);
        Some(match function {
            "runtime.chansend" | "runtime.chansend1" => Waits::Send,
            "runtime.chanrecv" | "runtime.chanrecv1" | "runtime.chanrecv2" => Waits::Receive,
            "runtime.selectgo" => Waits::Select,
            "runtime.netpollblock" | "internal/poll.runtime_pollWait" => Waits::Network,
            "time.Sleep" => Waits::Sleep,
            "sync.(*WaitGroup).Wait" => Waits::WaitGroup,
            "sync.(*Cond).Wait" => Waits::Cond,
            "runtime.block" => Waits::ForEver,
            _ if starts("sync.(*RWMutex)") || starts("sync.(*Mutex)") || starts("internal/sync.(*Mutex)") => {
                Waits::Lock
            }
            _ if starts("syscall.") || starts("internal/runtime/syscall.") || starts("runtime/internal/syscall.") => {
                Waits::Syscall
            }
            _ if starts("runtime.semacquire") || starts("sync.runtime_Semacquire") => Waits::Semaphore,
            _ => return None,
        })
    }

    /// Whether a text with symbols for all but the runtime's frames shows it.
    pub(super) fn is_hidden(self) -> bool {
        matches!(self, Waits::Send | Waits::Receive | Waits::Select | Waits::ForEver)
    }
}
