package io.pdata.benchmarks.servers;

/**
 * One measurement.
 *
 * @param operationsPerSecond what all clients together got done
 * @param processorMicros the server's processor time for each operation
 */
record Sample(double operationsPerSecond, double processorMicros) {}
