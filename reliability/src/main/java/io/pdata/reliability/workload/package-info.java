/** Things that keep metadata on a device, in a form in which they can be driven, cut off, opened again and judged. */
package io.pdata.reliability.workload;
