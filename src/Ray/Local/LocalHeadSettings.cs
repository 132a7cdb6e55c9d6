namespace Raywright.Ray.Local;

/// <summary>What a local head may use.</summary>
/// <param name="Cpus">Logical processors that Ray gives away; null for as many as the machine has.</param>
/// <param name="Gpus">GPUs that Ray gives away; null for as many as it finds.</param>
/// <param name="ObjectStoreBytes">Size of the shared memory for objects; Ray takes no less than 75 MiB.</param>
public sealed record LocalHeadSettings(int? Cpus = null, int? Gpus = null, long ObjectStoreBytes = LocalHeadSettings.UsualObjectStore)
{
    /// <summary>Requests and answers do not go through the object store, so that little is enough.</summary>
    public const long UsualObjectStore = 200_000_000;
}
