/** How fast volumes are sent, received and extracted, beside programs that copy images. */
package io.pdata.benchmarks.copies;
