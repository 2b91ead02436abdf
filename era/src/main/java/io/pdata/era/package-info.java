/** The metadata of dm-era. */
package io.pdata.era;
