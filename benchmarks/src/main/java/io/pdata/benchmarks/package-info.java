/** What the library costs, with LMDB doing the same work in the same run. See docs/benchmarks.md for how to run it. */
package io.pdata.benchmarks;
