//! The ground truth of the captures.

/// Programs that leak, the functions that leak, and those that grow as a consequence.
pub const LEAKS: [(&str, &[&str], &[&str]); 8] = [
    ("auditd", &["main.(*trail).record"], &["main.handleEvents"]),
    (
        "etcd",
        &["go.etcd.io/etcd/mvcc.(*treeIndex).Put", "go.etcd.io/etcd/mvcc.(*keyIndex).put"],
        &["github.com/google/btree.(*items).insertAt"],
    ),
    ("notifyd", &["main.render", "main.deliver"], &["main.deliver.func1", "runtime (goroutines)"]),
    ("orders/build_c", &["main.remember"], &[]),
    ("pqueue", &["main.newJob", "main.(*Queue[...]).Push"], &["main.handleSubmit"]),
    ("sessiond", &["main.(*store).create"], &["main.handleLogin"]),
    ("tokenidx", &["main.readDocument"], &[]),
    ("tracectx", &["main.enter"], &["net/http.(*conn).serve"]),
];
