/**
 * Volumes served by this project, by qemu-nbd and by nbdkit, under the same load in the same run: whole processes, seen from a
 * client. {@link io.pdata.benchmarks.servers.CompareServers} is where it begins.
 */
package io.pdata.benchmarks.servers;
