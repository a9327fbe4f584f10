import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.successful())
InvokerBitbucket.writeSettings(basedir, localRepository, '''
    <server>
      <id>encrypted</id>
      <username>build@example.com</username>
      <password>{YOKmAjXVK9wHEhB2H72tvr4inNFkZ0MzfHC+SuzBmeR8us6OZSynyPU3bHjqGs3eCVOHtcANhN78TX0x4TWcoA==}</password>
    </server>''', '')
return
