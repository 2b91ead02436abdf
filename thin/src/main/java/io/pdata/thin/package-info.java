/** The metadata of dm-thin pools. */
package io.pdata.thin;
