/** Dense arrays of fixed-size values. Source: format document "persistent-data", section 10. */
package io.pdata.core.array;
