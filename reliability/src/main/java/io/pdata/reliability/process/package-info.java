/** Processes: one that writes is killed, others verify what it left; two that want the same file. */
package io.pdata.reliability.process;
