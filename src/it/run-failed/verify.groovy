import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    String log = bitbucket.failed(basedir, "FAILED in step 'Deploy'")
    assert log =~ /\[ERROR] #42 Deploy +FAILED/
    contains(log, '[ERROR] --- Deploy: last 100 lines ---', '[ERROR] | line 150', '[ERROR] | line 52', '[ERROR] |  over')
    assert !log.contains('| line 51\n')
    assert !log.contains('\u001b]0')
    // Each state once, however often we looked.
    assert log.readLines().count { it ==~ /.*#42 Build +SUCCESSFUL.*/ } == 1
    assert log.readLines().count { it ==~ /.*#42 Deploy +FAILED.*/ } == 1
}
