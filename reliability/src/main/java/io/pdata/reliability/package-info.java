/** The command line of the campaigns. */
package io.pdata.reliability;
