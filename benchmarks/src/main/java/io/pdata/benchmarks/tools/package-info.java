/**
 * The tools of this project and those of thin-provisioning-tools on the same metadata in the same run: whole processes, their
 * time and their memory. {@link io.pdata.benchmarks.tools.CompareTools} is where it begins.
 */
package io.pdata.benchmarks.tools;
