import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    File logs = new File(basedir, 'target/bitbucket-pipelines/logs')
    assert logs.list().sort() == [
            '001-build.log', '002-escaped.log', '003-con-a-b.log', "004-${'x' * 80}.log".toString(), '005-step.log']
    assert new File(logs, '001-build.log').bytes == 'built\n'.bytes
    // Files have the very bytes, the console what can be printed of them (and Maven takes the colours for no terminal).
    assert new File(logs, '002-escaped.log').text == 'tests \u001B[32mgreen\u001B[0m\u001B]0;owned\u0007\n'
    assert new File(logs, '003-con-a-b.log').bytes == 'third\r\n'.bytes
    assert !new File(basedir, 'escaped').exists()
    String log = log(basedir)
    contains(log,
            'Wrote 5 logs of pipeline #42 on branch main of acme/shop into ',
            '#42 Child pipeline: no log, SUCCESSFUL',
            'tests green\n',
            "has no step 'Biuld'; did you mean 'Build'?",
            'line 1\nline 2\nline 3\n', 'line 599\nline 600\n')
    // Followed while it ran: each request continues where the last response ended, and no line is printed twice.
    assert log.count('line 600\n') == 1
    def slow = bitbucket.embedded().requests().findAll { it.path().contains('/pipelines/43/') && it.path().endsWith('/log') }
    assert slow.size() > 2
    assert slow.last().header('Range').isPresent()
}
