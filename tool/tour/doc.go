// Package tour shows the main job on the bundled monolith: where its seam is,
// the same requests asked of it as one process and as two, what a call costs in
// each form, what happens when a service is killed, and the way back. It works
// on copies in a scratch folder and leaves nothing behind.
//
// The data flows one way: scratch (copies, patch, generated code, binaries) ->
// form (a way to run it) -> player (requests and answers) -> cost, crash ->
// report.
package tour
