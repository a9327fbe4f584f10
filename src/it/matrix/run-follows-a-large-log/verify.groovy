import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    // Not read at once, and not kept: it is as long as the log.
    def log = new File(basedir, 'build.log')
    long lines = 0
    boolean successful = false
    log.eachLine('UTF-8') {
        if (it.contains('Build | ')) {
            assert it.endsWith('Build | ' + '0123456789abcdef' * 63 + '0123456789abcde')
            lines++
        }
        successful |= it.contains('is SUCCESSFUL')
    }
    assert lines == 120 * 1024
    assert successful
    log.delete()
}
