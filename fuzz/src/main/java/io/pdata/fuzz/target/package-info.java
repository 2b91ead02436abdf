/** One class for each reader that is fuzzed. */
package io.pdata.fuzz.target;
