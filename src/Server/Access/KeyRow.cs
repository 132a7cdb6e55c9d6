using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Access;

/// <summary>A key; the key itself is nowhere.</summary>
internal sealed class KeyRow
{
    /// <summary>Its public part.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256, lower-case hex.</summary>
    public required string Digest { get; init; }

    /// <summary>Separated by spaces.</summary>
    public required string Scopes { get; init; }

    /// <summary>Patterns separated by spaces; empty means everywhere.</summary>
    public required string Endpoints { get; init; }

    public required long CreatedAt { get; init; }

    public long? ExpiresAt { get; init; }

    public long? LastUsedAt { get; set; }

    public long? RevokedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeyRow>
    {
        public void Configure(EntityTypeBuilder<KeyRow> builder)
        {
            builder.ToTable("keys");
            builder.HasKey(row => row.Id);
        }
    }
}
