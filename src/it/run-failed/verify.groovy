import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log,
            'Pipeline #42 on branch main of acme/shop ended FAILED in step |Deploy|'.replace('|', "'"),
            'https://bitbucket.org/acme/shop/pipelines/results/42',
            'BUILD FAILURE')
    assert log =~ /\[ERROR] #42 Deploy +FAILED/
    contains(log, '[ERROR] --- Deploy: last 100 lines ---', '[ERROR] | line 150', '[ERROR] | line 52', '[ERROR] | red and   over')
    assert !log.contains('| line 51\n')
    assert !log.contains('\u001b]0')
    assert log.count('#42 Build') == 1 || log.count('IN_PROGRESS') > 0
}
