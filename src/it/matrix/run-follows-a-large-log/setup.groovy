import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.LogContent
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript

// 120 MiB in lines of 1 KiB.
def line = '0123456789abcdef' * 63 + '0123456789abcde\n'
InvokerBitbucket.start(context).next(
        RunScript.of(StepScript.named('Build').log(LogContent.repeating(line, 120L * 1024 * 1024))))
return
