/** Failing I/O: the n-th read, write and flush of every workload, for every n. */
package io.pdata.reliability.fault;
