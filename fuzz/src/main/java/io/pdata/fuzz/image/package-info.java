/** Sound images, and the small changes by which an input of the fuzzer damages one. */
package io.pdata.fuzz.image;
