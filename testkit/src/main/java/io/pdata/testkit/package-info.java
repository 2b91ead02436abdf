/** What the tests share: golden images, the model-test harness, judges that are not ours. */
package io.pdata.testkit;
